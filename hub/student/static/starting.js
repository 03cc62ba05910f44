// Waits for the hub's word that her server is there, and opens it. Without this script the page is
// loaded again every few seconds.
const starting = document.getElementById("starting");
const events = new EventSource(starting.dataset.progress);
events.onmessage = (event) => {
  const { ready, failed } = JSON.parse(event.data);
  if (ready || failed) events.close();
  if (ready) location.reload(); // the hub leads from here to her server
  if (failed) {
    starting.hidden = true;
    document.getElementById("failed").hidden = false;
  }
};

// Clusters: each letter as a reader sees it, and below it the code points that Python counts.
function drawClusters(self) {
  const { state, word } = self;
  const cards = state.clusters.map(([cluster, points]) =>
    make("li", { class: "soc-cluster" },
      make("p", { class: "soc-glyph", lang: "km", text: cluster }),
      make("ol", { class: "soc-points" }, ...points.map(([code, name]) =>
        make("li", {}, make("code", { text: code }), make("span", { class: "soc-point-name", lang: "en", text: ` ${name}` }))))));
  return [
    make("p", { text: state.counts }),
    make("ul", { class: "soc-clusters-list", "aria-label": word("clusters.seen") }, ...cards),
    state.more ? make("p", { text: word("clusters.more", { more: state.more }) }) : null,
  ].filter(Boolean);
}

export default { render: (view) => card(view, drawClusters) };

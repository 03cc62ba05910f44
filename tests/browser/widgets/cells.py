# ruff: noqa: E501  (cells stay as a lesson writes them)
"""One cell for each widget, in both languages, as a lesson would have them."""

from __future__ import annotations

FILES = {
    "recall.toml": """
[[item]]
id = "r-quotes"
week = 1
prompt = {en = "What do quotes make?", km = "សញ្ញាសម្រង់ធ្វើអ្វី?"}
choices = {a = {en = "Text", km = "អត្ថបទ"}, b = {en = "A number", km = "ចំនួន"}}
right = "a"
replies = {a = {en = "Yes, text.", km = "អត្ថបទ។"}, b = {en = "Look at the quotes.", km = "មើលសញ្ញាសម្រង់។"}}
""",
    "hints.toml": """
["w01-w1"]
en = ["Which line prints first?", "Look: `print(1)` then `print(2)`.", "Write `print(\\"a\\")`."]
km = ["បន្ទាត់ណាបោះពុម្ពមុន?", "មើល៖ `print(1)` រួច `print(2)`។", "សរសេរ `print(\\"a\\")`។"]
""",
}

PREDICT = """
from widgets import Predict
Predict("w01-p1", {"en": "What will it print?", "km": "តើវានឹងបោះពុម្ពអ្វី?"}, code='print("2" + "3")',
        choices={"a": "5", "b": "23", "c": {"en": "An error", "km": "កំហុស"}},
        replies={"a": {"en": "Without quotes it would be 5.", "km": "គ្មានសញ្ញាសម្រង់ទើប 5។"},
                 "b": {"en": "Text sticks together: `23`.", "km": "អត្ថបទភ្ជាប់គ្នា៖ `23`។"},
                 "c": {"en": "Both are text, so it works.", "km": "ទាំងពីរជាអត្ថបទ។"}})
"""
PREDICT_NUMBER = """
from widgets import Predict
Predict("w01-p2", {"en": "How many lines?", "km": "ប៉ុន្មានបន្ទាត់?"}, kind="number",
        replies={"3": {"en": "Count the prints.", "km": "រាប់ print។"}, "*": {"en": "Let us see.", "km": "ចាំមើល។"}})
"""
HINTS = 'from widgets import Hints\nHints("w01-w1")'
PARSONS = """
from widgets import Parsons
Parsons("w03-x1", ["total = 0", "for price in [1000, 2000]:", "    total = total + price", "print(total)"],
        distractors=["total = price"])
"""
QUIZ = """
from widgets import Question, Quiz
Quiz("w01-q", [
    Question("q1", {"en": "Which one prints?", "km": "មួយណាបោះពុម្ព?"}, {"a": "`print(hi)`", "b": "`print('hi')`"},
             right="b", replies={"a": {"en": "Python looks for a name.", "km": "Python រកឈ្មោះ។"},
                                 "b": {"en": "Quotes make text.", "km": "សញ្ញាសម្រង់ធ្វើអត្ថបទ។"}}),
    Question("q2", {"en": "Which are names?", "km": "អ្វីជាឈ្មោះ?"}, {"x": "riel", "y": "2a", "z": "price"},
             kind="many", right=["x", "z"]),
    Question("q3", {"en": "How much is 2 + 3?", "km": "2 + 3 ស្មើប៉ុន្មាន?"}, kind="number", right=5),
])
"""
RECALL = 'from widgets import Recall\nRecall("week02")'
TRACER = """
from widgets import Tracer
Tracer('''
def double(n):
    return n * 2
prices = [1000]
more = prices
more.append(double(1500))
print(prices)
''', captions={3: {"en": "A new box.", "km": "ប្រអប់ថ្មី។"}})
"""
MEMORY = 'from widgets import Memory\na = [1, "ស"]\nMemory(a=a, b=a, c={"riel": 4000})'
SURVEY = """
from widgets import Question, Survey
Survey("week01", [
    Question("s1", {"en": "I feel I belong here.", "km": "ខ្ញុំមានអារម្មណ៍ថាជាផ្នែកនៃទីនេះ។"},
             {"1": {"en": "Not yet", "km": "មិនទាន់"}, "2": {"en": "Yes", "km": "ចាស"}}),
    Question("s2", {"en": "What helped?", "km": "អ្វីបានជួយ?"}, kind="text"),
])
"""
PATH = "from widgets import Path\nPath(here=2)"
SWAP = "from widgets import Swap\nSwap(7, rounds=2)"
CLUSTERS = 'from widgets import Clusters\nClusters("ស្រី 👩🏽‍💻")'
TURTLE = """
from widgets import turtle
turtle.speed(0)
turtle.color("purple", "gold")
turtle.begin_fill()
for _ in range(4):
    turtle.forward(100)
    turtle.left(90)
turtle.end_fill()
turtle.done()
"""

FLOW = """
from widgets import Flow
Flow('''
riel = 5000
while riel > 1000:
    riel = riel - 2000
    if riel > 2000:
        print("rice")
    else:
        print("water")
''')
"""

GAME = """
from widgets import Game
x = 100
def draw(sheet):
    sheet.rect(0, 190, 320, 50, "green")
    sheet.circle(x, 180, 10, "purple")
    sheet.say(f"x is {x}")
def on_key(key):
    global x
    if key == "left":
        x = x - 10
    if key == "right":
        x = x + 10
    if key == "space":
        x = x / 0
def on_tap(tap_x, tap_y):
    global x
    x = round(tap_x)
def on_tick():
    global x
    x = x + 1
Game(draw, on_key=on_key, on_tap=on_tap, on_tick=on_tick)
"""

ALL = {
    "predict": PREDICT,
    "predict-number": PREDICT_NUMBER,
    "hints": HINTS,
    "parsons": PARSONS,
    "quiz": QUIZ,
    "recall": RECALL,
    "tracer": TRACER,
    "memory": MEMORY,
    "survey": SURVEY,
    "path": PATH,
    "swap": SWAP,
    "clusters": CLUSTERS,
    "turtle": TURTLE,
    "flow": FLOW,
    "game": GAME,
}

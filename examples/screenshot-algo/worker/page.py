"""A page as a picture. No browser: title, headings and text are laid out by fixed rules."""

import io
import textwrap
from html.parser import HTMLParser

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 800, 600, 32
SIZES = {"title": 16, "h1": 34, "h2": 26, "h3": 22}
SKIPPED = {"script", "style", "noscript", "template"}


class Reader(HTMLParser):
    """Gathers (tag, text) in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Elements that never close would stay on the stack.
        if tag not in {"br", "img", "input", "meta", "link", "hr"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not SKIPPED.intersection(self._open):
            kind = next((tag for tag in reversed(self._open) if tag in SIZES), "p")
            self.blocks.append((kind, text))


def blocks_of(html: str) -> list[tuple[str, str]]:
    """The page's visible text, each with the element that gives it its size."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


def picture(html: str) -> bytes:
    """The page as a PNG of fixed size; what does not fit is cut off, as in a window."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    top = MARGIN
    for kind, text in blocks_of(html):
        size = SIZES.get(kind, 16)
        font = ImageFont.load_default(size)
        for line in textwrap.wrap(text, width=(WIDTH - 2 * MARGIN) * 2 // size):
            if top > HEIGHT - MARGIN:
                break
            draw.text((MARGIN, top), line, font=font, fill="gray" if kind == "title" else "black")
            top += round(size * 1.4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()

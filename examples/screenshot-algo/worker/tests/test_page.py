"""python -m unittest tests.test_page, in worker/: needs Pillow."""

import io
import unittest

from page import HEIGHT, WIDTH, blocks_of, picture
from PIL import Image

PAGE = """<html><head><title>Shop</title><style>p { color: red }</style></head>
<body><h1>Fresh bread</h1><p>Baked <b>today</b>.<br>Open till six.</p><script>alert(1)</script></body></html>"""


class Page(unittest.TestCase):
    def test_visible_text_in_its_order_and_nothing_of_scripts(self):
        self.assertEqual(
            blocks_of(PAGE),
            [("title", "Shop"), ("h1", "Fresh bread"), ("p", "Baked"), ("p", "today"), ("p", "."), ("p", "Open till six.")],
        )

    def test_a_picture_of_the_page_is_not_a_picture_of_nothing(self):
        image, empty = (Image.open(io.BytesIO(picture(html))) for html in (PAGE, ""))
        self.assertEqual(image.size, (WIDTH, HEIGHT))
        self.assertGreater(len(image.getcolors()), 1)
        self.assertEqual(empty.getcolors(), [(WIDTH * HEIGHT, (255, 255, 255))])

    def test_a_long_page_is_cut_off(self):
        self.assertEqual(Image.open(io.BytesIO(picture("<p>word</p>" * 5000))).size, (WIDTH, HEIGHT))


if __name__ == "__main__":
    unittest.main()

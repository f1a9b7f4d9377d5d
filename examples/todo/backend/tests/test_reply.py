"""python -m unittest, in backend/: nothing is needed but Python."""

import json
import unittest

from app.reply import LONGEST_TITLE, MOST_ITEMS, UnusableReply, request_body, titles_of


def completion(content: object) -> dict:
    return {"choices": [{"message": {"role": "assistant", "content": content}}]}


class Request(unittest.TestCase):
    def test_the_sentence_is_the_users_message_and_json_is_asked_for(self):
        body = request_body("a-model", "buy milk")
        self.assertEqual(body["messages"][-1], {"role": "user", "content": "buy milk"})
        self.assertEqual(body["response_format"], {"type": "json_object"})
        self.assertIn("JSON", body["messages"][0]["content"])


class Titles(unittest.TestCase):
    def test_titles_are_trimmed_and_what_is_no_title_is_left_out(self):
        reply = completion(json.dumps({"todos": [" buy\n milk\0 ", "", 3, None, "call Ada", "\ud800"]}))
        self.assertEqual(titles_of(reply), ["buy milk", "call Ada"])

    def test_no_tasks_is_an_answer(self):
        self.assertEqual(titles_of(completion('{"todos": []}')), [])

    def test_number_and_length_are_limited(self):
        titles = titles_of(completion(json.dumps({"todos": ["x" * 999] * 99})))
        self.assertEqual(len(titles), MOST_ITEMS)
        self.assertEqual({len(title) for title in titles}, {LONGEST_TITLE})

    def test_anything_else_is_refused(self):
        for reply in [
            None,
            [],
            {},
            {"choices": []},
            completion(None),
            completion("Sure! Here is your list:"),
            completion("[]"),
            completion('{"todos": "buy milk"}'),
        ]:
            with self.subTest(reply=reply), self.assertRaises(UnusableReply):
                titles_of(reply)


if __name__ == "__main__":
    unittest.main()

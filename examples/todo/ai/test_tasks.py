"""python -m unittest, in ai/: nothing is needed but Python."""

import unittest

from tasks import tasks_of


class Tasks(unittest.TestCase):
    def test_sentences_become_tasks(self):
        for sentence, tasks in [
            ("Buy milk, call Ada and then book a flight.", ["Buy milk", "Call Ada", "Book a flight"]),
            ("I need to water the plants. Don't forget to pay rent!", ["Water the plants", "Pay rent"]),
            ("1. Wash the car\n2. wash the car\n- Send report v1.2 to ada@example.com", ["Wash the car", "Send report v1.2 to ada@example.com"]),
            ("Please remind me to renew the passport", ["Renew the passport"]),
            ("Order sandwiches", ["Order sandwiches"]),
            ("äpfel kaufen; über Ostern planen", ["Äpfel kaufen", "Über Ostern planen"]),
            ("  ,, . and  ", []),
            ("", []),
        ]:
            with self.subTest(sentence=sentence):
                self.assertEqual(tasks_of(sentence), tasks)


if __name__ == "__main__":
    unittest.main()

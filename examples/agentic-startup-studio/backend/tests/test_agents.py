"""python -m unittest, in backend/: nothing is needed but Python."""

import unittest

from app.agents import evaluate


class Agents(unittest.TestCase):
    def test_a_concrete_pitch_scores_higher_with_every_agent(self):
        vague = "A platform that leverages synergies in order to disrupt everything everywhere for everyone at once, somehow."
        concrete = "Shops lose stock. We count it for farmers and shops. They pay 20 euros a month."
        for low, high in zip(evaluate(vague), evaluate(concrete), strict=True):
            with self.subTest(agent=low.agent):
                self.assertLess(low.score, high.score)

    def test_scores_stay_between_0_and_100(self):
        for pitch in ["", "word " * 500, "customers teams people companies developers schools $1 monthly"]:
            for verdict in evaluate(pitch):
                with self.subTest(pitch=pitch[:20], agent=verdict.agent):
                    self.assertIn(verdict.score, range(101))

    def test_the_reason_names_what_was_found(self):
        reasons = {verdict.agent: verdict.reason for verdict in evaluate("Teams pay $9 per seat.")}
        self.assertEqual(reasons["market"], "names teams")
        self.assertEqual(reasons["finance"], "says what is paid")


if __name__ == "__main__":
    unittest.main()

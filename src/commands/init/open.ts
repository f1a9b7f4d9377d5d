import type { CliContext } from '../../context.ts'
import type { Understood } from '../../init/analyze.ts'
import type { Flags } from '../../init/choices.ts'
import { type Question, staysOpen, withAnswer } from '../../init/questions/question.ts'
import { choose } from '../../terminal/choose.ts'

/** Whether devk asks: on a terminal, unless the user wants data or agrees to everything. */
export function asks({ isTTY, yes, json }: CliContext): boolean {
  return isTTY && !yes && !json
}

/**
 * Asks on the terminal about what the repository leaves open, each question once. An answer other than the guess counts
 * as the flags that say the same: `again` works out the configuration with them, which may open other questions.
 */
export async function answered(
  ctx: CliContext,
  first: Understood,
  flags: Flags,
  again: (flags: Flags) => Promise<Understood | undefined>,
): Promise<Understood> {
  if (!asks(ctx)) return first
  const asked = new Set<string>()
  const settled = new Set<string>()
  let [current, all] = [first, flags]
  // What is deployed is named once a variant was chosen; other variants are a question all the same.
  const seen = new Map<string, Question>()
  for (;;) {
    for (const each of current.questions) seen.set(each.text, each)
    const left = [...seen.values()].filter((each) => current.questions.includes(each) || staysOpen(each, all))
    const question = left.find(({ text }) => !asked.has(text))
    if (question === undefined) break
    asked.add(question.text)
    const texts = question.answers.map(({ text }) => text)
    const answer = question.answers[await choose(ctx, question.text, texts)]
    for (const note of question.notes) settled.add(note)
    if (answer === undefined || answer === question.answers[0]) continue
    all = withAnswer(all, answer)
    current = (await again(all)) ?? current
  }
  const { proposal, questions } = current
  return { proposal: { ...proposal, notes: proposal.notes.filter((note) => !settled.has(note)) }, questions }
}

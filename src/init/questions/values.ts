import type { Found } from '../../scan/found.ts'
import type { Choice } from '../deploy/choose.ts'
import { rankOf } from '../deploy/overlays.ts'
import type { Wanted } from '../deploy/unit.ts'
import type { Answer, Question } from './question.ts'

/**
 * Which file of values the chart takes, if it has several, or one that is not for daily work. The flag counts for all
 * charts, so there is no question about several. Pure.
 */
export function valuesQuestions({ chosen }: Choice, { charts, files }: Found, wanted: Wanted): Question[] {
  const [unit, ...more] = chosen.filter(({ kind }) => kind === 'helm')
  if (unit?.release === undefined || more.length > 0 || wanted.values.length > 0 || wanted.releases?.has(unit.path))
    return []
  const all = charts.find(({ folder }) => folder === unit.path)?.values ?? []
  const [used] = unit.release.values
  const others = all.filter((file) => file !== used).sort((a, b) => rankOf(a) - rankOf(b))
  if (others.length === 0) return []
  const own = unit.path === '.' ? 'values.yaml' : `${unit.path}/values.yaml`
  const alone = files.includes(own) && used !== undefined ? [own] : []
  const answers = [...others, ...alone].map((file): Answer => {
    return { text: file === own ? `${own} alone` : file, flags: { values: [file] } }
  })
  return [
    {
      text: `Which values does the chart ${unit.path} take for development?`,
      answers: [{ text: used ?? `${own} alone`, flags: {} }, ...answers],
      notes: [],
    },
  ]
}

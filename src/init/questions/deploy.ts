import { dirname } from 'node:path/posix'
import type { Flags } from '../choices.ts'
import { type Choice, type LeftOut, shared } from '../deploy/choose.ts'
import { rankOf } from '../deploy/overlays.ts'
import { variantNotes } from '../deploy/section.ts'
import type { Unit } from '../deploy/unit.ts'
import type { Answer, Question } from './question.ts'

/** Which of several variants, and which overlay, to deploy. Pure. */
export function deployQuestions(choice: Choice): Question[] {
  return [...variantQuestions(choice), ...overlayQuestions(choice)]
}

type Variant = LeftOut & { readonly instead: NonNullable<LeftOut['instead']> }

function variantQuestions(choice: Choice): Question[] {
  const variants = choice.left.filter((each): each is Variant => each.why === 'variant' && each.instead !== undefined)
  const groups = Map.groupBy(variants, (each) => placeInstead(each, choice))
  return [...groups].map(([place, group]) => {
    const rivals = [...Map.groupBy(group, placeOf).values()]
    const texts = rivals.flatMap((all) => all.slice(0, 1).map((each) => `${placeOf(each)} (${nouns[each.unit.kind]})`))
    const chosen = choice.chosen.find(({ path }) => path === group[0]?.instead.path)
    return {
      text: `Several places deploy ${group[0]?.instead.object}. Which one do you want?`,
      answers: [
        { text: `${place} (${nouns[chosen?.kind ?? 'manifests']})`, flags: {} },
        ...rivals.map((all, i): Answer => ({ text: texts[i] ?? '', flags: insteadOf(choice, all) })),
      ],
      notes: variantNotes(group),
    }
  })
}

const nouns = { kustomize: 'kustomization', helm: 'Helm chart', manifests: 'manifests' } as const

/** What a variant is called: manifests by their folder, unless the others lie there too. */
function placeOf({ unit: { kind, path }, instead }: Variant): string {
  return kind !== 'manifests' || dirname(path) === dirname(instead.path) ? path : dirname(path)
}

function placeInstead({ unit, instead: { path } }: Variant, { chosen }: Choice): string {
  const isFile = chosen.some((each) => each.path === path && each.kind === 'manifests')
  return !isFile || dirname(unit.path) === dirname(path) ? path : dirname(path)
}

/** What is deployed if variants take the place of what defines the same. */
function insteadOf({ chosen }: Choice, variants: readonly Variant[]): Flags {
  const wanted = variants.map(({ unit }) => unit)
  const out = new Set(variants.map(({ instead }) => instead.path))
  const stays = chosen.filter((unit) => !out.has(unit.path) && !wanted.some((each) => shared(unit, each) !== undefined))
  return flagsOf([...stays, ...wanted])
}

function flagsOf(units: readonly Pick<Unit, 'kind' | 'path'>[]): Flags {
  const of = (kind: Unit['kind']) => units.filter((unit) => unit.kind === kind).map(({ path }) => path)
  return { manifests: of('manifests'), kustomize: of('kustomize'), chart: of('helm') }
}

function overlayQuestions({ chosen }: Choice): Question[] {
  return chosen.flatMap((unit): Question[] => {
    const { path, overlays = [] } = unit
    if (overlays.length === 0) return []
    const others = [...overlays].sort((a, b) => rankOf(a) - rankOf(b))
    const answers = others.map((other): Answer => {
      const units = chosen.map((each) => (each === unit ? { ...each, path: other } : each))
      return { text: other, flags: flagsOf(units) }
    })
    const text = 'Several kustomizations share a base. Which one do you want to deploy?'
    return [{ text, answers: [{ text: path, flags: {} }, ...answers], notes: [] }]
  })
}

import { dirname } from 'node:path/posix'
import type { Flags } from '../choices.ts'
import { type Choice, type LeftOut, shared } from '../deploy/choose.ts'
import { rankOf } from '../deploy/overlays.ts'
import { some, variantNotes } from '../deploy/section.ts'
import type { Unit } from '../deploy/unit.ts'
import type { Answer, Question } from './question.ts'

/** Which of several variants, and which overlay, to deploy. Pure. */
export function deployQuestions(choice: Choice): Question[] {
  return [...variantQuestions(choice), ...overlayQuestions(choice)]
}

type Variant = LeftOut & { readonly instead: NonNullable<LeftOut['instead']> }

function variantQuestions(choice: Choice): Question[] {
  const variants = choice.left.filter((each): each is Variant => each.why === 'variant' && each.instead !== undefined)
  const files = new Set(choice.chosen.flatMap(({ kind, path }) => (kind === 'manifests' ? [path] : [])))
  const groups = groupsOf(variants, files)
  const places = groups.map(([first]) => (first === undefined ? '' : placeInstead(first, files)))
  return groups.map((group, at) => {
    const isShared = places.filter((each) => each === places[at]).length > 1
    const place = isShared ? some([...new Set(group.map(({ instead }) => instead.path))]) : places[at]
    const rivals = [...Map.groupBy(group, placeOf).values()]
    const texts = rivals.flatMap((all) => all.slice(0, 1).map((each) => `${placeOf(each)} (${nouns[each.unit.kind]})`))
    const chosen = choice.chosen.find(({ path }) => path === group[0]?.instead.path)
    return {
      text: `Several places deploy ${group[0]?.instead.object}. Which one do you want?`,
      answers: [
        { text: `${place} (${nouns[chosen?.kind ?? 'manifests']})`, flags: {} },
        ...rivals.map((all, i): Answer => ({ text: texts[i] ?? '', ...insteadOf(choice, all) })),
      ],
      notes: variantNotes(group),
    }
  })
}

/**
 * The variants that are one choice: those of one chosen unit, and those that lie in one place and stand for units of
 * one place. Others are chosen by themselves.
 */
function groupsOf(variants: readonly Variant[], files: ReadonlySet<string>): Variant[][] {
  const groups = new Map<string, Variant[]>()
  for (const each of variants) {
    const keys = [each.instead.path, `${placeOf(each)}\0${placeInstead(each, files)}`]
    const joined = new Set(keys.flatMap((key) => groups.get(key) ?? []))
    const known = [...groups].flatMap(([key, group]) => (group.some((other) => joined.has(other)) ? [key] : []))
    const group = [...joined, each]
    for (const key of [...known, ...keys]) groups.set(key, group)
  }
  return [...new Set(groups.values())]
}

const nouns = { kustomize: 'kustomization', helm: 'Helm chart', manifests: 'manifests' } as const

/** What a variant is called: manifests by their folder, unless the others lie there too. */
function placeOf({ unit: { kind, path }, instead }: Variant): string {
  return kind !== 'manifests' || dirname(path) === dirname(instead.path) ? path : dirname(path)
}

function placeInstead({ unit, instead: { path } }: Variant, files: ReadonlySet<string>): string {
  return !files.has(path) || dirname(unit.path) === dirname(path) ? path : dirname(path)
}

/** What is deployed if variants take the place of what defines the same. */
function insteadOf({ chosen }: Choice, variants: readonly Variant[]): Pick<Answer, 'flags' | 'swap'> {
  const wanted = variants.map(({ unit }) => unit)
  const out = new Set(variants.map(({ instead }) => instead.path))
  const stays = chosen.filter((unit) => !out.has(unit.path) && !wanted.some((each) => shared(unit, each) !== undefined))
  const gone = chosen.filter((unit) => !stays.includes(unit))
  return { flags: flagsOf([...stays, ...wanted]), swap: { out: gone, in: wanted } }
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

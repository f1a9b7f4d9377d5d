import { posix } from 'node:path'
import { installFiles } from '../../images/reload/rules.ts'
import type { Repository, ServiceFact, SyncFact } from '../../readers/facts.ts'
import { below, isIn } from '../../readers/paths.ts'
import type { Service } from './subject.ts'

type Rules = Pick<Service, 'sync' | 'rebuild'>
type Rule = NonNullable<Service['sync']>[number]

/** Where the files of a service are. */
export interface SyncPlace {
  /** The build context, relative to the repository. */
  readonly context: string
  /** The working folder of its image; undefined if unknown. */
  readonly workdir: string | undefined
  readonly files: Repository['files']
  /** The rules that the Dockerfile gives. */
  readonly inferred: readonly Rule[]
  /** Why devk cannot start the program of a container again; undefined: it can. */
  readonly noRestart: string | undefined
}

/** The sync rules of a fact as those of a service, and what of them cannot be taken over. Pure. */
export function syncRules(fact: ServiceFact, place: SyncPlace): { readonly rules: Rules; readonly left: string[] } {
  const left: string[] = []
  const made = (fact.sync ?? []).flatMap((each) => {
    const rules = each.from === undefined ? place.inferred.map(withoutMore) : written(each, each.from, place)
    const problem = typeof rules === 'string' ? rules : notHere(fact, each, rules, place)
    if (problem === undefined && typeof rules !== 'string') {
      return rules.map((rule) => ({ rule: { ...rule, ...after(each) }, only: each.only }))
    }
    left.push(problem ?? '')
    return []
  })
  const merged = [...Map.groupBy(made, ({ rule }) => `${rule.from}\0${rule.to}`).values()].map((same) => ({
    rule: same[0]?.rule ?? { from: '', to: '' },
    only: same.some(({ only }) => only.length === 0) ? [] : same.flatMap(({ only }) => only),
  }))
  // The first rule that covers a file counts.
  merged.sort((a, b) => depth(b.rule.from) - depth(a.rule.from))
  const rebuild = [
    ...exceptions(merged, place.context),
    ...installs(merged, place),
    ...patterns(fact.rebuild ?? [], place.context),
  ].filter((pattern, i, all) => all.indexOf(pattern) === i)
  return {
    rules: {
      ...(merged.length === 0 ? {} : { sync: merged.map(({ rule }) => rule) }),
      ...(rebuild.length === 0 || merged.length === 0 ? {} : { rebuild }),
    },
    left,
  }
}

/** Why the rules would not change the program that runs; undefined: they would. */
function notHere(fact: ServiceFact, each: SyncFact, rules: readonly Rule[], place: SyncPlace): string | undefined {
  const { developedIn } = fact
  const from = each.from ?? 'What the Dockerfile copies'
  if (each.restart === true && place.noRestart !== undefined) {
    return `after a sync of ${from} the program is started again, and ${place.noRestart}`
  }
  const isOwn = ({ to }: Rule) => place.inferred.some((own) => isIn(own.to, to) || isIn(to, own.to))
  if (developedIn === undefined || rules.every(isOwn)) return undefined
  return `${from} is synced into ${developedIn}, which takes the place of the image; here a save makes a new image`
}

function after({ run = [], restart }: SyncFact): Pick<Rule, 'run' | 'restart'> {
  return {
    ...(run.length === 0 ? {} : { run: run.map((command) => ({ command })) }),
    ...(restart === undefined ? {} : { restart }),
  }
}

function withoutMore({ from, to, exclude }: Rule): Rule {
  return { from, to, ...(exclude === undefined ? {} : { exclude }) }
}

function written({ to, exclude }: SyncFact, from: string, place: SyncPlace): Rule[] | string {
  const { context, workdir, files } = place
  const isAbsolute = to?.startsWith('/')
  if (to === undefined || (!isAbsolute && workdir === undefined)) {
    return `${from} is synced to the working folder of the image, and its Dockerfile names none`
  }
  const target = posix.resolve('/', workdir ?? '/', to)
  if (!files.some((file) => isIn(file, from))) return `${from}, which is synced to ${target}, does not exist`
  const more = exclude.length === 0 ? {} : { exclude: [...exclude] }
  if (isIn(from, context)) return [{ from, to: target, ...more }]
  if (isIn(context, from)) return [{ from: context, to: posix.join(target, below(from, context)), ...more }]
  return `${from}, which is synced to ${target}, is outside the build context ${context}`
}

/** The files in synced folders from which the image installs packages: a change needs a new image. */
function installs(merged: readonly { rule: Rule; only: readonly string[] }[], { context, files }: SyncPlace): string[] {
  const whole = merged.filter(({ only }) => only.length === 0)
  const wanted = whole.flatMap(({ rule: { from } }) => installFiles.map((name) => join(from, name)))
  return patterns(
    wanted.filter((file) => files.includes(file)),
    context,
  )
}

/** Patterns for `rebuild` that leave to the sync rules what they are meant for. */
function exceptions(merged: readonly { rule: Rule; only: readonly string[] }[], context: string): string[] {
  const limited = merged.filter(({ only }) => only.length > 0)
  if (limited.length === 0) return []
  const all = limited.flatMap(({ rule }) => patterns([join(rule.from, '**')], context))
  const meant = merged.flatMap(({ rule, only }) => (only.length > 0 ? only : [join(rule.from, '**')]))
  return [...new Set([...all, ...patterns(meant, context).map((pattern) => `!${pattern}`)])]
}

function patterns(paths: readonly string[], context: string): string[] {
  return paths.flatMap((path) => (isIn(path, context) ? below(context, path) : []))
}

function join(folder: string, rest: string): string {
  return folder === '.' ? rest : `${folder}/${rest}`
}

function depth(path: string): number {
  return path === '.' ? 0 : path.split('/').length
}

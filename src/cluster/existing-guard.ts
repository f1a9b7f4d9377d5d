import { DevkError } from '../errors.ts'
import type { KnownContext } from '../state/contexts.ts'

/** An existing cluster as a kubeconfig names it. */
export interface ContextFacts {
  readonly context: string
  /** Name of its entry under `clusters`. */
  readonly cluster: string
  /** Address of the API server. */
  readonly server: string
}

/** What the configuration says about contexts. */
export interface ContextRules {
  /** What also counts as production; * stands for anything. */
  readonly deny: readonly string[]
  /** The one context that may be used all the same. */
  readonly allowProduction?: string | undefined
}

const productionWord = /^(prod|production|prd|live)\d*$/

/** Why a context looks like production: the word, or the configuration's pattern, and where it stands. Pure; undefined when it does not. */
export function productionSign(facts: ContextFacts, deny: readonly string[]): string | undefined {
  for (const [where, text] of Object.entries(facts) as [string, string][]) {
    const pattern = deny.find((each) => matches(each, text))
    if (pattern !== undefined) return `its ${where} ${text} fits cluster.deny "${pattern}"`
    const word = text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .find((part) => productionWord.test(part))
    if (word !== undefined) return `its ${where} ${text} has the word "${word}"`
  }
  return undefined
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 'i').test(text)
}

/** Throws CONTEXT_REFUSED for a context that looks like production, unless it is allowed by its full name. Sends nothing. */
export function refuseProduction(facts: ContextFacts, rules: ContextRules): void {
  const sign = productionSign(facts, rules.deny)
  if (sign === undefined || rules.allowProduction === facts.context) return
  throw new DevkError('CONTEXT_REFUSED', `The context ${facts.context} looks like production`, {
    details: [`${sign[0]?.toUpperCase()}${sign.slice(1)}.`, 'No request was sent to it.'],
    hint: `If it is not, or is meant, set cluster.allowProduction to '${facts.context}'.`,
  })
}

/** Throws CONTEXT_REFUSED when a server is not the one that the user agreed to. To be called before anything is sent there. */
export function requireKnownServer(facts: ContextFacts, known: KnownContext, file: string): void {
  if (known.server === facts.server) return
  throw changed(facts, file, `its server was ${known.server}, and is ${facts.server}`, 'No request was sent to it.')
}

/** Throws CONTEXT_REFUSED when the cluster behind the address is another one than the user agreed to. */
export function requireKnownUid(facts: ContextFacts, known: KnownContext, uid: string | undefined, file: string): void {
  if (known.uid === uid) return
  const [before, now] = [known.uid, uid].map((each) => each ?? 'unreadable')
  throw changed(facts, file, `the UID of kube-system was ${before}, and is ${now}`, 'Nothing was changed.')
}

function changed({ context }: ContextFacts, file: string, difference: string, outcome: string): DevkError {
  return new DevkError('CONTEXT_REFUSED', `The context ${context} leads to another cluster than before`, {
    details: [`When devk was allowed to use it, ${difference}.`, outcome],
    hint: `If the new one is meant, remove "${context}" from ${file}; devk then asks again.`,
  })
}

import { DevkError } from '../errors.ts'
import type { KnownContext } from '../state/contexts.ts'

/** A context of a kubeconfig, and the cluster it points to. */
export interface ContextFacts {
  readonly context: string
  /** Name of its entry under `clusters`. */
  readonly cluster: string
  /** Address of the API server. */
  readonly server: string
}

/** What the configuration says about contexts. */
export interface ContextRules {
  /** Patterns that also count as production. * matches anything. */
  readonly deny: readonly string[]
  /** The one context that is allowed although it looks like production. */
  readonly allowProduction?: string | undefined
}

const productionWord = /^(prod|production|prd|live)\d*$/

/**
 * Why a context looks like production: the matching word or pattern, and the field it is in. undefined when it does
 * not. Pure.
 */
export function productionSign(facts: ContextFacts, deny: readonly string[]): string | undefined {
  for (const [where, text] of Object.entries(facts) as [string, string][]) {
    const pattern = deny.find((each) => matches(each, text))
    if (pattern !== undefined) return `its ${where} ${text} matches cluster.deny "${pattern}"`
    const word = text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .find((part) => productionWord.test(part))
    if (word !== undefined) return `its ${where} ${text} contains the word "${word}"`
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

/**
 * Throws CONTEXT_REFUSED for a context that looks like production, unless the configuration allows it by its full name.
 * Sends nothing.
 */
export function refuseProduction(facts: ContextFacts, rules: ContextRules): void {
  const sign = productionSign(facts, rules.deny)
  if (sign === undefined || rules.allowProduction === facts.context) return
  throw new DevkError('CONTEXT_REFUSED', `The context ${facts.context} looks like production`, {
    details: [`${sign[0]?.toUpperCase()}${sign.slice(1)}.`, 'No request was sent to it.'],
    hint: `To use it anyway, set cluster.allowProduction to '${facts.context}'.`,
  })
}

/**
 * Throws CONTEXT_REFUSED when the server is not the one that the user agreed to. Call it before sending any request.
 */
export function requireKnownServer(facts: ContextFacts, known: KnownContext, file: string): void {
  if (known.server === facts.server) return
  throw changed(facts, file, `its server was ${known.server}; now it is ${facts.server}`, 'No request was sent to it.')
}

/** Throws CONTEXT_REFUSED when the server is the API server of another cluster than the user agreed to. */
export function requireKnownUid(facts: ContextFacts, known: KnownContext, uid: string | undefined, file: string): void {
  if (known.uid === uid) return
  const [before, now] = [known.uid, uid].map((each) => each ?? 'unreadable')
  throw changed(facts, file, `the UID of kube-system was ${before}; now it is ${now}`, 'Nothing was changed.')
}

function changed({ context }: ContextFacts, file: string, difference: string, outcome: string): DevkError {
  return new DevkError('CONTEXT_REFUSED', `The context ${context} points to another cluster than before`, {
    details: [`When you allowed devk to use it, ${difference}.`, outcome],
    hint: `To use the new cluster, remove "${context}" from ${file}; devk then asks again.`,
  })
}

import { DevkError } from '../errors.ts'
import type { KnownContext } from '../state/contexts.ts'

/** A context of a kubeconfig, and the cluster it points to. */
export interface ContextFacts {
  readonly context: string
  /** Name of its entry under `clusters`. */
  readonly cluster: string
  /** Address of the API server, as `canonicalServer` returns it. */
  readonly server: string
  /** How devk reaches the server and logs in: the user entry, its login plugin, and a proxy. */
  readonly access: string
}

/** The address of a server in the one form in which it is compared: punycode, lower case, no default port. Pure. */
export function canonicalServer(server: string): string {
  return new URL(server).href.replace(/\/$/, '')
}

const productionWord = /^(prod|production|prd|live)\d*$/

/**
 * Why a context looks like production: the matching word or pattern, and the field it is in. undefined when it does
 * not. Pure.
 */
export function productionSign(facts: ContextFacts, deny: readonly string[]): string | undefined {
  const { context, cluster, server } = facts
  for (const [where, text] of Object.entries({ context, cluster, server })) {
    const pattern = deny.find((each) => matches(each, text) || matches(each, plainText(text)))
    if (pattern !== undefined) return `its ${where} ${text} matches cluster.deny "${pattern}"`
    const word = wordsOf(text).find((part) => productionWord.test(part))
    if (word !== undefined) return `its ${where} ${text} contains the word "${word}"`
  }
  return undefined
}

/** Without what makes one name look like another: wide letters, accents, and characters that are not visible. */
function plainText(text: string): string {
  return text.normalize('NFKD').replace(/[\p{M}\p{C}]/gu, '')
}

function wordsOf(text: string): string[] {
  const words = plainText(text).split(/[^A-Za-z0-9]+/)
  return words.flatMap((word) => [word, ...word.split(/(?<=[a-z0-9])(?=[A-Z])/)]).map((word) => word.toLowerCase())
}

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 'i').test(text)
}

/**
 * Throws CONTEXT_REFUSED for a context that looks like production, unless the user has allowed it by its full name:
 * `allowed` is that name, from the command line or from an earlier agreement. Sends nothing.
 */
export function refuseProduction(facts: ContextFacts, deny: readonly string[], allowed: string | undefined): void {
  const sign = productionSign(facts, deny)
  if (sign === undefined || allowed === facts.context) return
  throw new DevkError('CONTEXT_REFUSED', `The context ${facts.context} looks like production`, {
    details: [`${sign[0]?.toUpperCase()}${sign.slice(1)}.`, 'No request was sent to it.'],
    hint: `To use it anyway, run: devk up --allow-production '${facts.context}'`,
  })
}

/**
 * Throws CONTEXT_REFUSED when the server, or the way to log in to it, is not the one that the user agreed to. Call it
 * before a login plugin runs or a request is sent.
 */
export function requireKnownServer(facts: ContextFacts, known: KnownContext, file: string): void {
  const outcome = 'No request was sent to it, and no login plugin was run.'
  if (canonicalServer(known.server) !== facts.server)
    throw changed(facts, file, `its server was ${known.server}; now it is ${facts.server}`, outcome)
  if (known.access !== facts.access)
    throw changed(facts, file, `devk used ${known.access}; now it would use ${facts.access}`, outcome)
}

/** Throws CONTEXT_REFUSED when the server is the API server of another cluster than the user agreed to. */
export function requireKnownUid(facts: ContextFacts, known: KnownContext, uid: string | undefined, file: string): void {
  if (known.uid === uid) return
  const [before, now] = [known.uid, uid].map((each) => each ?? 'unreadable')
  throw changed(facts, file, `the UID of kube-system was ${before}; now it is ${now}`, 'Nothing was changed.')
}

function changed({ context }: ContextFacts, file: string, difference: string, outcome: string): DevkError {
  return new DevkError('CONTEXT_REFUSED', `The context ${context} leads to another cluster or user than before`, {
    details: [`When you allowed devk to use it, ${difference}.`, outcome],
    hint: `If this is intended, remove "${context}" from ${file}, and run devk up again: devk asks then.`,
  })
}

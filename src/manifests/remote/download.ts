import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { urlMistake } from '../../config/preset-source.ts'
import { DevkError } from '../../errors.ts'
import type { LockedSource } from '../charts/lock.ts'
import type { PullDeps } from '../charts/pull.ts'
import { archivePath, digestOf } from '../charts/store.ts'
import type { RemoteSource } from './source.ts'

/** More than the manifests of any release. */
const mostBytes = 50_000_000
const mostRedirects = 5
const timeoutMs = 120_000

/** The extension of a file in the folder of fetched charts. */
export const fileExtension = '.yaml'

/**
 * Fetches a file. `accept` throws for content that must not be stored. Follows redirects only to where devk fetches
 * from. Throws CHART_MISSING.
 */
export async function download(
  source: RemoteSource,
  accept: (found: LockedSource) => void,
  { charts, signal }: Pick<PullDeps, 'charts' | 'signal'>,
): Promise<LockedSource> {
  const bytes = await bytesOf(source.address, signal)
  const locked = { source, commit: undefined, digest: digestOf(bytes) }
  accept(locked)
  await mkdir(charts, { recursive: true, mode: 0o700 })
  const work = await mkdtemp(join(charts, 'file-'))
  try {
    await writeFile(join(work, 'file'), bytes)
    await rename(join(work, 'file'), archivePath(charts, locked.digest, fileExtension))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return locked
}

async function bytesOf(address: string, signal: AbortSignal): Promise<Buffer> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  let url = address
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const answer = await fetch(url, { redirect: 'manual', signal: either })
      const location = answer.headers.get('location')
      if (answer.status < 300 || answer.status >= 400 || location === null) return await contentOf(address, answer)
      await answer.body?.cancel()
      url = new URL(location, url).href
      const mistake = urlMistake(url)
      if (mistake !== undefined) throw failure(address, `it leads to ${url}, which ${mistake.message}`)
    }
    throw failure(address, `more than ${mostRedirects} redirects`)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DevkError) throw error
    const { message, cause } = error as Error
    throw failure(address, cause instanceof Error && cause.message !== '' ? cause.message : message)
  }
}

async function contentOf(address: string, answer: Response): Promise<Buffer> {
  if (!answer.ok) {
    await answer.body?.cancel()
    throw failure(address, `the server answers ${answer.status} ${answer.statusText}`.trim())
  }
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of answer.body ?? []) {
    size += part.length
    if (size > mostBytes) throw failure(address, `it has more than ${mostBytes / 1e6} MB`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function failure(address: string, reason: string): DevkError {
  return new DevkError('CHART_MISSING', `${address} could not be fetched: ${reason}`, {
    hint: 'Check URL and connection. Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1.',
  })
}

import { isRemoteFile } from '../../config/preset-source.ts'
import type { PresetSource } from '../../config/schema-presets.ts'

/** What is fetched for a preset, other than a chart. */
export interface RemoteSource {
  /** A Git repository, or a file behind a URL. */
  readonly from: 'git' | 'url'
  readonly address: string
  /** Branch, tag or commit. */
  readonly ref?: string | undefined
}

/** What a preset needs from elsewhere, other than charts. Pure. */
export function remoteSourcesOf({ git, ref, manifests = [] }: PresetSource): RemoteSource[] {
  if (git !== undefined) return [{ from: 'git', address: git, ref }]
  return manifests.filter(isRemoteFile).map((address) => ({ from: 'url', address }))
}

/** Whether both name the same content. Pure. */
export function isSameRemote(a: RemoteSource, b: RemoteSource): boolean {
  return a.from === b.from && a.address === b.address && a.ref === b.ref
}

/** A source in messages: `https://example.com/app.git v1.2`. Pure. */
export function remoteText({ address, ref }: RemoteSource): string {
  return ref === undefined ? address : `${address} ${ref}`
}

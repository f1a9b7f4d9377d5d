import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The pod that tools are compared on. */
export interface PeerTarget {
  readonly kubeconfig: string
  readonly context: string
  readonly namespace: string
  readonly pod: string
}

/** Another tool that syncs files. A file outside of this repository has one as its default export, and names its program itself. */
export interface Peer {
  readonly name: string
  /** The file that is saved: absolute path on this machine. */
  readonly from: string
  /** Where it arrives: absolute path in the container. */
  readonly to: string
  /** Starts the tool; resolves when it watches. */
  start(target: PeerTarget): Promise<void>
  stop(): Promise<void>
}

/** Loads a peer from its file. */
export async function loadPeer(path: string): Promise<Peer> {
  const { default: peer } = (await import(pathToFileURL(resolve(path)).href)) as { default: Peer }
  return peer
}

import { randomBytes } from 'node:crypto'
import type { KubeObject } from '../kube/api.ts'

/** Passwords of a preset, by the name of the user. */
export type Passwords = Readonly<Record<'admin' | 'internal', string>>

/** Name of the Secret with the passwords of a preset. */
export function passwordsName(preset: string): string {
  return `${preset}-passwords`
}

/** The passwords in the Secret of an earlier run; a random one for each that it lacks. */
export function passwordsOf(secret: KubeObject | undefined): Passwords {
  const data = (secret?.data ?? {}) as Readonly<Record<string, string | undefined>>
  const password = (user: string) =>
    Buffer.from(data[user] ?? '', 'base64').toString() || randomBytes(24).toString('base64url')
  return { admin: password('admin'), internal: password('internal') }
}

/** The Secret with the passwords of a preset. Pure. */
export function passwordsSecret(namespace: string, preset: string, passwords: Passwords): KubeObject {
  const data = Object.entries(passwords).map(([user, text]) => [user, Buffer.from(text).toString('base64')])
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: passwordsName(preset), namespace },
    type: 'Opaque',
    data: Object.fromEntries(data),
  }
}

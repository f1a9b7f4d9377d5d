import type { Container } from './workload.ts'

/** What the restricted Pod Security Standard asks of a container. The program needs no rights. */
const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}
const user = { runAsNonRoot: true, runAsUser: 65532 }
const resources = { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } }

/** A program of devk in an image of its own, and the volume that it is copied to. */
export interface Installer {
  /** Of the container and of the volume. */
  readonly name: string
  readonly image: string
  readonly command: string[]
  readonly folder: string
}

/** The init container that copies a program into a volume, so that the image of the service needs nothing. Pure. */
export function installer({ name, image, command, folder }: Installer): Container {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command,
    volumeMounts: [{ name, mountPath: folder }],
    securityContext: { ...restricted, ...user },
    resources,
  }
}

import type { WebProject } from '../projects/web-project.ts'
import { proveNodeDebug } from './node-service.ts'
import { provePythonDebug } from './python-service.ts'

/** Debugs a service in Node and one in Python, in a project that is up on this cluster. */
export async function proveDebug(project: WebProject, cluster: string): Promise<void> {
  await proveNodeDebug(project, cluster)
  await provePythonDebug(project, cluster)
}

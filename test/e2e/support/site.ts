import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Devk, devkIn } from './devk.ts'

/** A project of one small web server, in a folder of its own. */
export interface Site {
  readonly folder: string
  readonly devk: Devk
  /** What the page says over the mapped port. */
  page(): Promise<string>
  write(file: string, content: string): Promise<void>
  /** Takes the stack away, with the folder. */
  dispose(): Promise<void>
}

export interface SiteOptions {
  readonly name: string
  /** Port on this machine. */
  readonly port: number
}

export const dockerfile = `FROM busybox:1.37
COPY index.html /www/index.html
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`

export async function siteProject({ name, port }: SiteOptions): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), `devk-${name}-`))
  const write = async (file: string, content: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
  await write('platform.config.json', JSON.stringify(configuration({ name, port }), null, 2))
  await write('web/Dockerfile', dockerfile)
  await write('web/index.html', 'first\n')
  await write('k8s/web.yaml', manifests)
  const devk = await devkIn(folder)
  return {
    folder,
    devk,
    write,
    page: async () => (await (await fetch(`http://localhost:${port}/`)).text()).trim(),
    dispose: async () => {
      await devk.run(['down'])
      await devk.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configuration({ name, port }: SiteOptions): Record<string, unknown> {
  return {
    name,
    cluster: { ports: [`${port}:30090`] },
    deploy: { manifests: 'k8s' },
    services: { web: { build: { context: 'web' }, url: `http://localhost:${port}` } },
    jobs: { greet: { service: 'web', command: ['sh', '-c', 'cat /www/index.html; exit 3'] } },
  }
}

const manifests = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: web
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ port: 80, targetPort: 8080, nodePort: 30090 }]
`

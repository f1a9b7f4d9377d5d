import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Devk, devkIn } from '../devk.ts'

/** A project with one small web server, in a temporary folder. */
export interface WebProject {
  readonly folder: string
  readonly devk: Devk
  /** The text of the page, read from this machine. */
  page(): Promise<string>
  /** Writes a file below the folder. */
  write(file: string, content: string): Promise<void>
  /** Runs `devk down` and removes the folder. */
  dispose(): Promise<void>
}

export interface WebProjectOptions {
  readonly name: string
  /** Port of this machine that leads to the web server. */
  readonly port: number
}

/** The Dockerfile of the web server. */
export const webDockerfile = `FROM busybox:1.37
COPY index.html /www/index.html
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`

/** Writes the files of the project. Starts nothing. */
export async function createWebProject({ name, port }: WebProjectOptions): Promise<WebProject> {
  const folder = await mkdtemp(join(tmpdir(), `devk-${name}-`))
  const write = async (file: string, content: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
  await write('platform.config.json', JSON.stringify(configuration({ name, port }), null, 2))
  await write('web/Dockerfile', webDockerfile)
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

function configuration({ name, port }: WebProjectOptions): Record<string, unknown> {
  return {
    name,
    cluster: { ports: [`${port}:30090`] },
    deploy: { manifests: 'k8s' },
    services: { web: { build: { context: 'web' }, url: `http://localhost:${port}` } },
    jobs: {
      greet: { service: 'web', command: ['sh', '-c', 'cat /www/index.html; exit 3'] },
      // On this machine, beside the file that the image is made from.
      count: { local: true, cwd: 'web', command: ['sh', '-c', 'cat index.html; echo "$0"; exit 4'] },
    },
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

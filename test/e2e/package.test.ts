import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForeignProject, foreignProject, oldestNode, pinnedNode } from '../support/installed-package.ts'

const files = {
  'web/Dockerfile': `FROM busybox:1.37
COPY index.html /www/index.html
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`,
  'web/index.html': 'it works\n',
  'k8s/web.yaml': `apiVersion: apps/v1
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
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
`,
}

let project: ForeignProject
const nodes: Record<string, string> = {}
beforeAll(async () => {
  project = await foreignProject()
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(project.folder, file)), { recursive: true })
    await writeFile(join(project.folder, file), text)
  }
  nodes.oldest = await oldestNode(join(project.folder, '../oldest node'))
  nodes.pinned = pinnedNode
})
afterAll(async () => {
  await project?.run(pinnedNode, 'npx', ['devk', 'down'])
  await project?.dispose()
})

/** Both use one cluster, so only the last one takes it away. */
test.each([
  ['oldest', ['--keep-cluster'], { services: [{ name: 'web', state: 'stopped' }] }],
  ['pinned', [], { error: { code: 'CLUSTER_MISSING' } }],
])('the installed package takes a project from init to down on the %s Node', async (node, downFlags, afterwards) => {
  const devk = async (...args: string[]) => {
    const finished = await project.run(nodes[node] ?? '', 'npx', ['devk', ...args])
    expect(finished.exitCode, `devk ${args.join(' ')}:\n${finished.stdout}${finished.stderr}`).toBe(0)
    return finished.stdout
  }
  await devk('init', '--yes')
  expect(await readFile(join(project.folder, 'platform.config.ts'), 'utf8')).toContain("from 'devk'")
  await devk('up', '-d', '--yes')
  const status = JSON.parse(await devk('status', '--json'))
  expect(status.services).toMatchObject([{ name: 'web', state: 'ready' }])
  expect(await devk('exec', 'web', '--', 'cat', '/www/index.html')).toBe('it works\n')
  await devk('down', ...downFlags)
  const { stdout } = await project.run(nodes[node] ?? '', 'npx', ['devk', 'status', '--json'])
  expect(JSON.parse(stdout)).toMatchObject(afterwards)
  await rm(join(project.folder, 'platform.config.ts'))
})

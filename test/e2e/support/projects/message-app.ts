import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** Answers with the content of message.txt. */
const app = `
import http.server, pathlib
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(pathlib.Path('/app/message.txt').read_bytes())
print('serving', flush=True)
http.server.ThreadingHTTPServer(('', 8000), Answer).serve_forever()
`

const manifests = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'shop' },
    data: { url: 'http://web.shop.svc.cluster.local:8000' },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'web', image: 'web', readinessProbe: { tcpSocket: { port: 8000 }, periodSeconds: 1 } }],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 8000 }] },
  },
]

/** Writes the sources and manifests of a service `web` that answers with `web/message.txt`, into namespace `shop`. */
export async function writeMessageApp(folder: string): Promise<void> {
  await mkdir(join(folder, 'web'))
  await writeFile(join(folder, 'web/app.py'), app)
  await writeFile(join(folder, 'web/message.txt'), 'first')
  await writeFile(
    join(folder, 'web/Dockerfile'),
    'FROM python:3.12-slim\nCOPY app.py message.txt /app/\nCMD ["python", "/app/app.py"]\n',
  )
  await writeFile(join(folder, 'k8s.yaml'), manifests.map((object) => stringify(object)).join('---\n'))
}

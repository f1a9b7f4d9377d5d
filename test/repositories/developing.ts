import { app, node, type Repository } from './repository.ts'

const web = { 'web/Dockerfile': node(), 'web/server.js': '' }
const flask = {
  'web/Dockerfile': 'FROM python:3.13\nWORKDIR /app\nCOPY . .\nCMD ["./run.sh"]\n',
  'web/app.py': '',
  'k8s/web.yaml': app('web'),
}
const compose = (command: string) =>
  `services:\n  web: { build: web, volumes: ["./web:/app"], command: ${command}, ports: ["3000:8080"] }\n  db: { image: postgres }\n`

/** Repositories whose authors wrote down how one develops: devcontainer.json and Procfile.dev. */
export const developing: readonly Repository[] = [
  {
    about: 'devcontainer.json starts a service of Compose that only waits, and forwards the ports of another one',
    files: {
      ...{ ...web, 'k8s/web.yaml': app('web'), 'k8s/db.yaml': app('db', 'postgres:17', 5432) },
      'compose.yaml': compose('sleep infinity'),
      '.devcontainer/devcontainer.json': `{
  // The service of compose.yaml
  "dockerComposeFile": "../compose.yaml",
  "service": "web",
  "forwardPorts": ["db:6000"],
  "postStartCommand": "npm run dev",
}`,
      '.devcontainer/compose.yaml': 'services: { editor: { build: . } }\n',
      '.devcontainer/Dockerfile': 'FROM debian\n',
    },
    config: {
      services: {
        web: {
          ...{ build: { context: 'web' }, sync: [{ from: 'web', to: '/app' }], ports: ['3000:8080'] },
          command: ['npm', 'run', 'dev'],
        },
        db: { workload: 'Deployment/db', ports: ['6000'] },
      },
    },
  },
  ...['tail -f /dev/null', '["sh", "-c", "while sleep 1000; do :; done"]', '/bin/sh -c "sleep infinity"'].map(
    (command): Repository => ({
      about: `a command of Compose that only waits is none: ${command}`,
      files: { ...web, 'k8s/web.yaml': app('web'), 'compose.yaml': compose(command) },
      live: { sync: [{ from: 'web', to: '/app' }], command: ['node', '--watch', 'server.js'] },
    }),
  ),
  {
    about: 'devcontainer.json for the editor alone changes nothing',
    files: {
      ...{ ...web, 'k8s/web.yaml': app('web') },
      '.devcontainer/devcontainer.json': '{ "image": "node:24", "forwardPorts": [3000], "postStartCommand": "npm ci" }',
    },
    services: { web: 'web/Dockerfile' },
    config: { services: { web: { ports: ['8080'] } } },
  },
  {
    about: 'Procfile.dev says how a program reloads of which the image does not tell it',
    files: { ...flask, 'Procfile.dev': 'web: flask run --debug --port 8080\ncss: yarn build --watch\n' },
    live: {
      sync: [{ from: 'web', to: '/app' }],
      command: ['flask', 'run', '--debug', '--port', '8080'],
    },
  },
  {
    about: 'a command of Procfile.dev that needs a variable, or does not reload, is not taken over',
    files: { ...flask, 'Procfile.dev': 'web: flask run --debug --port $PORT\nworker: ./work.sh\n' },
    live: {},
  },
  {
    about: 'what reloads by itself stays, whatever Procfile.dev says',
    files: { ...web, 'k8s/web.yaml': app('web'), 'Procfile.dev': 'web: npx nodemon server.js\n' },
    live: { sync: [{ from: 'web', to: '/app' }], command: ['node', '--watch', 'server.js'] },
  },
]

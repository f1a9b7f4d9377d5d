import { app, container, type Live, type Repository } from './repository.ts'

const dockerfile = (base: string, ...lines: readonly string[]) => `FROM ${base}\n${lines.join('\n')}\n`
const web = (files: Readonly<Record<string, string>>, more: Live, about: string, manifest = app('web')): Repository => {
  const own = Object.entries(files).map(([file, text]) => [`web/${file}`, text] as const)
  return { about, files: { ...Object.fromEntries(own), 'k8s/web.yaml': manifest }, live: more }
}
const copyAll = ['WORKDIR /app', 'COPY package*.json ./', 'RUN npm ci', 'COPY . .']
const unsynced = {}

/** Repositories of interpreted languages: where saves are synced to, and how the program takes them up. */
export const syncing: readonly Repository[] = [
  web(
    {
      Dockerfile: dockerfile('node:24-alpine', ...copyAll, 'CMD ["node", "server.js"]'),
      'server.js': '',
      'package.json': '{}',
      'package-lock.json': '{}',
    },
    {
      sync: [{ from: 'web', to: '/app', exclude: ['node_modules'] }],
      rebuild: ['package.json', 'package-lock.json'],
      command: ['node', '--watch', 'server.js'],
    },
    'Node with its watch mode; a change of what is installed makes a new image',
  ),
  web(
    {
      Dockerfile: dockerfile(
        'node:24',
        'ENV HOME_OF=/srv',
        'WORKDIR $HOME_OF/app',
        'COPY src src/',
        'COPY server.js .',
        'COPY ["a.js", "b.js", "/srv/more/"]',
        'CMD npm start',
      ),
      ...{
        'src/a.js': '',
        'server.js': '',
        'a.js': '',
        'b.js': '',
        'package.json': '{"scripts":{"start":"node server.js"}}',
      },
    },
    unsynced,
    'a script of a package.json that is not in the image is not known',
  ),
  web(
    {
      Dockerfile: dockerfile(
        'node:24',
        'ENV HOME_OF=/srv',
        'WORKDIR $HOME_OF/app',
        'COPY package.json .',
        'COPY src src/',
        'COPY server.js .',
        'COPY ["a.js", "b.js", "/srv/more/"]',
        'CMD npm start',
      ),
      ...{
        'src/a.js': '',
        'server.js': '',
        'a.js': '',
        'b.js': '',
        'package.json': '{"scripts":{"start":"node server.js"}}',
      },
    },
    {
      sync: [
        { from: 'web/src', to: '/srv/app/src' },
        { from: 'web/server.js', to: '/srv/app/server.js' },
        { from: 'web/a.js', to: '/srv/more/a.js' },
        { from: 'web/b.js', to: '/srv/more/b.js' },
      ],
      command: ['node', '--watch', 'server.js'],
    },
    'each COPY has its rule, with variables, lists and files; npm start is what its script says',
  ),
  ...[
    ['{"scripts":{"start":"next start","dev":"next dev"},"dependencies":{"next":"1"}}', 'RUN npm ci', true],
    [
      '{"scripts":{"start":"node dist/a.js","dev":"nodemon a.js"},"devDependencies":{"nodemon":"1"}}',
      'RUN npm ci',
      true,
    ],
    [
      '{"scripts":{"start":"node dist/a.js","dev":"nodemon a.js"},"devDependencies":{"nodemon":"1"}}',
      'RUN npm ci --omit=dev',
      false,
    ],
    ['{"scripts":{"start":"node dist/a.js","dev":"vite build"},"dependencies":{"vite":"1"}}', 'RUN npm ci', false],
  ].map(([manifest, install, isSynced], i) =>
    web(
      {
        Dockerfile: dockerfile('node:24', 'WORKDIR /app', 'COPY . .', String(install), 'CMD ["npm", "start"]'),
        'package.json': String(manifest),
        'a.js': '',
      },
      isSynced
        ? {
            command: ['npm', 'run', 'dev'],
            rebuild: ['package.json'],
            sync: [{ from: 'web', to: '/app', exclude: ['node_modules'] }],
          }
        : unsynced,
      `the script dev, if the image has its program (${i + 1})`,
    ),
  ),
  ...[
    [
      'CMD uvicorn app.main:app --host 0.0.0.0',
      { command: ['uvicorn', 'app.main:app', '--host', '0.0.0.0', '--reload'] },
    ],
    [
      'ENTRYPOINT ["/usr/bin/tini", "--"]\nCMD ["gunicorn", "app:app"]',
      { command: ['/usr/bin/tini', '--', 'gunicorn', 'app:app', '--reload'] },
    ],
    ['CMD ["flask", "run"]', { env: { FLASK_DEBUG: '1' } }],
    ['CMD ["python", "manage.py", "runserver"]', { command: undefined }],
    ['CMD ["python", "debug.py"]', { command: undefined }],
    ['CMD ["python", "flasky.py"]', { env: { FLASK_DEBUG: '1' } }],
  ].map(([command, more]) =>
    web(
      {
        Dockerfile: dockerfile('python:3.13 AS base', 'WORKDIR /srv', 'FROM base', 'COPY . .', String(command)),
        'flasky.py': 'from flask import Flask\napp = Flask("a")\napp.run(port=80)\n',
        ...{ 'debug.py': 'app.run(debug=True)\n', 'requirements.txt': '' },
      },
      { sync: [{ from: 'web', to: '/srv' }], rebuild: ['requirements.txt'], ...(more as object) },
      `Python: ${command}`,
    ),
  ),
  ...[
    'CMD ["python", "plain.py"]',
    'CMD ["python", "quiet.py"]',
    'CMD ["gunicorn", "--preload", "app:app"]',
    'CMD uvicorn app:app --port $PORT',
    'CMD ["celery", "worker"]',
  ].map((command) =>
    web(
      {
        Dockerfile: dockerfile('python:3.13', 'WORKDIR /srv', 'COPY . .', command),
        ...{ 'plain.py': 'print(1)\n', 'quiet.py': 'from flask import Flask\nFlask("a").run(debug=False)\n' },
      },
      unsynced,
      `what does not reload, or not surely, is not synced: ${command}`,
    ),
  ),
  web(
    { Dockerfile: dockerfile('php:8-apache', 'COPY . /var/www/html/'), 'index.php': '' },
    { sync: [{ from: 'web', to: '/var/www/html' }] },
    'PHP',
  ),
  web(
    {
      Dockerfile: dockerfile('nginx:1', 'COPY default.conf /etc/nginx/conf.d/', 'COPY public /usr/share/nginx/html'),
      'default.conf': '',
      'public/a.html': '',
    },
    { sync: [{ from: 'web/public', to: '/usr/share/nginx/html' }] },
    'pages that a server reads from a folder, without its configuration',
  ),
  web(
    {
      Dockerfile: dockerfile('golang:1.24', 'WORKDIR /src', 'COPY . .', 'RUN go build -o /a .', 'CMD ["/a"]'),
      'go.mod': '',
    },
    unsynced,
    'a compiled language',
  ),
  web(
    {
      Dockerfile: dockerfile(
        'node:24 AS build',
        'COPY . .',
        'RUN npm run build',
        'FROM nginx:1',
        'COPY --from=build /dist /usr/share/nginx/html',
      ),
      'Dockerfile.dev': dockerfile('node:24', 'WORKDIR /app', 'COPY . .', 'CMD ["npx", "nodemon", "a.js"]'),
      ...{ 'a.js': '', 'package.json': '{}' },
    },
    {
      built: 'web/Dockerfile.dev',
      rebuild: ['package.json'],
      sync: [{ from: 'web', to: '/app', exclude: ['node_modules'] }],
    },
    'the Dockerfile for development, where the one of production has no sources',
  ),
  web(
    {
      Dockerfile: dockerfile(
        'node:24 AS base',
        'WORKDIR /app',
        'COPY . .',
        'FROM base AS dev',
        'CMD ["npx", "nodemon", "a.js"]',
        'FROM base',
        'CMD ["node", "dist/a.js"]',
      ),
      ...{ 'a.js': '', 'package.json': '{}' },
    },
    {
      built: 'web/Dockerfile#dev',
      rebuild: ['package.json'],
      sync: [{ from: 'web', to: '/app', exclude: ['node_modules'] }],
    },
    'the stage for development',
  ),
  web(
    {
      Dockerfile: dockerfile(
        'python:3.13 AS base',
        'WORKDIR /app',
        'FROM base AS dev',
        'CMD ["flask", "run"]',
        'FROM base',
        'COPY . .',
        'CMD ["celery"]',
      ),
      'a.py': '',
    },
    unsynced,
    'a stage for development that has no sources, as a bind mount brings them, is not used',
  ),
  web(
    { Dockerfile: dockerfile('node:24', 'WORKDIR /app', 'COPY . .', 'CMD ["node", "a.js"]'), 'a.js': '' },
    { sync: [{ from: 'web', to: '/app' }], command: ['node'], args: ['--watch', 'b.js'] },
    'the command of the manifests counts',
    container('web', 'image: web', 'command: [node]', 'args: [b.js]'),
  ),
  ...['securityContext: { readOnlyRootFilesystem: true }', 'volumeMounts: [{ name: a, mountPath: /app }]'].map(
    (field) =>
      web(
        { Dockerfile: dockerfile('node:24', 'WORKDIR /app', 'COPY . .', 'CMD ["node", "a.js"]'), 'a.js': '' },
        unsynced,
        `files that cannot be written are not synced: ${field}`,
        container('web', 'image: web', field),
      ),
  ),
]

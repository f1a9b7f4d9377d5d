import fc from 'fast-check'
import { expect, test } from 'vitest'
import { processesIn, readProcfile } from '../../../src/readers/procfile/procfile.ts'
import { repository } from './repository.ts'

test('Procfile.dev has the commands of development; Procfile says nothing that the image does not', () => {
  const files = {
    'Procfile.dev': '# start all\nweb: bin/rails server -p 3000\nworker:  A=1 bundle exec sidekiq\nbroken\n',
    'api/Procfile.dev': 'web: npm run dev\r\nmail-worker: node --watch "mail worker.js"\n',
    Procfile: 'web: bundle exec puma\n',
  }
  expect(readProcfile(repository(files)).services).toEqual([
    { place: { file: 'Procfile.dev', line: 2 }, name: 'web', command: ['bin/rails', 'server', '-p', '3000'] },
    {
      place: { file: 'Procfile.dev', line: 3 },
      name: 'worker',
      command: ['sh', '-c', 'A=1 bundle exec sidekiq'],
    },
  ])
  expect(readProcfile(repository({ 'api/Procfile.dev': files['api/Procfile.dev'] })).services).toMatchObject([
    { name: 'api', command: ['npm', 'run', 'dev'] },
    { name: 'api-mail-worker', command: ['node', '--watch', 'mail worker.js'] },
  ])
})

test('every process keeps its line, whatever stands around it', () => {
  const line = fc.stringMatching(/^[ -~]*$/)
  const type = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          line,
          fc.tuple(type, type).map(([a, b]) => `${a}: ${b} x`),
        ),
      ),
      (lines) => {
        for (const { type: name, line: command, place } of processesIn('Procfile', lines.join('\n'))) {
          const written = lines[place.line - 1] ?? ''
          expect(written.startsWith(`${name}:`)).toBe(true)
          expect(written.slice(name.length + 1).trim()).toBe(command.trim())
        }
      },
    ),
  )
})

import { expect, test } from 'vitest'
import { framesOf, paced } from '../../../scripts/recording/frames.ts'
import { svgOf } from '../../../scripts/recording/svg.ts'

const size = { columns: 20, rows: 3 }

test('frames are what the screen shows, with its looks; screens of a moment are left out', async () => {
  const chunks = [
    { at: 0, data: '$ devk up\r\n' },
    { at: 1000, data: '\u001b[36m⠋\u001b[0m Cluster' },
    { at: 1010, data: '\u001b[1G\u001b[36m⠙\u001b[0m Cluster' },
    { at: 1020, data: '\u001b[1G\u001b[2K\u001b[1;32m✔\u001b[0m Cluster \u001b[2m53s\u001b[0m\r\n' },
    { at: 5000, data: 'one\r\ntwo <&>' },
  ]
  const frames = await framesOf(chunks, size, 300)
  const texts = frames.map(({ at, rows }) => [at, rows.map((runs) => runs.map(({ text }) => text).join(''))])
  expect(texts).toEqual([
    [0, ['$ devk up', '', '']],
    [1000, ['$ devk up', '⠋ Cluster', '']],
    [1020, ['$ devk up', '✔ Cluster 53s', '']],
    [5000, ['✔ Cluster 53s', 'one', 'two <&>']],
  ])
  expect(frames[2]?.rows[1]).toEqual([
    { text: '✔', color: 2, bold: true, dim: false },
    { text: ' Cluster ', color: undefined, bold: false, dim: false },
    { text: '53s', color: undefined, bold: false, dim: true },
  ])
  expect(paced(frames, { fastUntil: 1020, factor: 10, longest: 2000, end: 4000 })).toEqual([100, 2, 2000, 4000])
})

test('the SVG shows each frame for its time, keeps columns in line, and escapes text', async () => {
  const frames = await framesOf(
    [
      { at: 0, data: 'a' },
      { at: 900, data: '\r\n\u001b[31mb <&>' },
    ],
    size,
    300,
  )
  const svg = svgOf('<up>', frames, [1000, 3000], size)
  expect(svg).toContain('@keyframes play{0.000%{transform:translateY(0px)}25.000%{transform:translateY(-81px)}}')
  expect(svg).toContain('animation:play 4.00s step-end infinite')
  expect(svg).toContain('<text x="12.0" textLength="42.0" class="c1">b &lt;&amp;&gt;</text>')
  expect(svg).toContain('<title>&lt;up&gt;</title>')
  expect(svg.match(/<use href="#r0"/g)).toHaveLength(2)
})

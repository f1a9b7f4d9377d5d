import { buildGoModule } from '../gobuild.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { goBuild } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'
import { program } from './program-image.ts'
import { versions } from './versions.ts'

const jaeger = 'github.com/jaegertracing/jaeger'
const victoriaMetrics = 'github.com/VictoriaMetrics/VictoriaMetrics'

/** Images for traces and logs: Jaeger, VictoriaLogs and a log collector. */
export const traceLogImageRecipes: readonly Recipe[] = [
  ...program({
    name: 'jaeger',
    version: versions.jaeger,
    licence: 'Apache-2.0',
    image: 'jaegertracing/jaeger',
    tag: versions.jaeger,
    seconds: 150,
    without: 'its web pages',
    builds: [
      goBuild(
        jaeger,
        versions.jaegerModule,
        { jaeger: 'cmd/jaeger' },
        { ldflags: `-X ${jaeger}/pkg/version.latestVersion=v${versions.jaeger}` },
      ),
    ],
  }),
  ...program({
    name: 'victoria-logs',
    version: versions.victoriaLogs,
    licence: 'Apache-2.0',
    image: 'victoriametrics/victoria-logs',
    tag: `v${versions.victoriaLogs}`,
    seconds: 60,
    builds: [
      goBuild(
        'github.com/VictoriaMetrics/VictoriaLogs',
        versions.victoriaLogs,
        { 'victoria-logs-prod': 'app/victoria-logs' },
        {
          ldflags: `-X ${victoriaMetrics}/lib/buildinfo.Version=victoria-logs-v${versions.victoriaLogs}`,
        },
      ),
    ],
  }),
  recipe({
    name: 'log-collector-program',
    version: versions.collector,
    licences: ['Apache-2.0'],
    kind: 'tool',
    internal: true,
    lane: 'compile',
    seconds: 210,
    files: ['go/log-collector'],
    build: (work) =>
      buildGoModule(work, 'go/log-collector', {
        out: 'otelcol-k8s',
        ldflags: `-X main.version=${versions.collector}`,
      }),
  }),
  imageRecipe({
    name: 'log-collector',
    version: versions.collector,
    licences: ['Apache-2.0'],
    provides: [`otel/opentelemetry-collector-k8s:${versions.collector}`],
    standIn: `the OpenTelemetry collector ${versions.collector} with the parts that devk's logging preset uses`,
    onDemand: true,
    needs: ['static'],
    seconds: 3,
    image: { folder: 'images/log-collector', copies: { 'log-collector-program': 'all' } },
  }),
]

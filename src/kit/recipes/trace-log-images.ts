import { buildGoModule } from '../gobuild.ts'
import { type Recipe, recipe } from '../recipe.ts'
import { goBuild } from './go-recipes.ts'
import { imageRecipe } from './image-recipes.ts'
import { program } from './program-image.ts'
import { versions } from './versions.ts'

const jaeger = 'github.com/jaegertracing/jaeger'

/** Images for traces and logs: Jaeger, Loki and a log collector. */
export const traceLogImageRecipes: readonly Recipe[] = [
  ...program({
    name: 'jaeger',
    version: versions.jaeger,
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
    name: 'loki',
    version: versions.loki,
    image: 'grafana/loki',
    tag: versions.loki,
    seconds: 720,
    builds: [
      goBuild(
        'github.com/grafana/loki/v3',
        versions.loki,
        { loki: 'cmd/loki' },
        { ldflags: `-X github.com/grafana/loki/v3/pkg/util/build.Version=${versions.loki}` },
      ),
    ],
  }),
  recipe({
    name: 'log-collector-program',
    version: versions.collector,
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
    provides: [`otel/opentelemetry-collector-k8s:${versions.collector}`],
    standIn: `the OpenTelemetry collector ${versions.collector} with the parts that devk's logging preset uses`,
    onDemand: true,
    needs: ['static'],
    seconds: 3,
    image: { folder: 'images/log-collector', copies: { 'log-collector-program': 'all' } },
  }),
]

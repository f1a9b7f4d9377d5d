const backend = process.env.NEXT_PUBLIC_API_URL
if (!backend)
  throw new Error('NEXT_PUBLIC_API_URL is not set: the address of the back end, e.g. http://backend-service:8000')

/**
 * The back end has no address outside the cluster, so the browser asks this server, and this server asks the back end.
 * @type {import('next').NextConfig}
 */
export default {
  poweredByHeader: false,
  // They hook into Node's module loader, which a bundle has none of.
  serverExternalPackages: ['@opentelemetry/instrumentation', '@opentelemetry/instrumentation-http'],
  rewrites: async () => [{ source: '/api/:path*', destination: `${backend}/api/:path*` }],
}

import { defineConfig } from 'devk'

/** All presets and nothing else. */
export default defineConfig({ name: 'presets', profile: 'full', presets: ['tls'], services: {} })

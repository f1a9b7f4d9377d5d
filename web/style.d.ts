/** esbuild bundles style sheets beside the program. */
declare module '*.css' {}

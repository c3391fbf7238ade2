/**
 * What the manifests of ecosystems (npm, Go, Cargo, …) say about dependencies within the repository: which services use
 * which, which libraries are their inputs, and what a changed lock file resolves otherwise. Pure: files of commits come
 * through the port `Checkout`. Heavy, since it has parsers: whoever needs it loads it with `import()`.
 */
export { Importer } from './importer.ts';

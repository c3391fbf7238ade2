/** The bundled script and style of the board's page; the build makes them from shared/board/page. */
declare module 'board:assets' {
  const assets: { readonly script: string; readonly style: string };
  export default assets;
}

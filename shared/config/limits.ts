/** Bounds of a configuration: far above what people write, far below what would hurt. */

/** Characters of one file. */
export const MAX_FILE_CHARACTERS = 1 << 20;
/** Levels of lists and maps within each other. */
export const MAX_NESTING = 64;
/** How often one anchor's content may be repeated by aliases, those within aliases multiplied. */
export const MAX_ALIASES = 100;
/** Problems that are shown at once. */
export const MAX_PROBLEMS = 100;
/** Services of one configuration. */
export const MAX_SERVICES = 5_000;
/** Folders that the patterns of `services` may lead into. */
export const MAX_FOLDERS = 100_000;
/** Folders within folders that `**` of `services` follows. */
export const MAX_FOLDER_DEPTH = 20;
/** Files and folders that are read at the same time. */
export const READS_AT_ONCE = 16;
/** Characters of a name, path or line; of a command's argument or a template. */
export const MAX_LINE = 1_024;
export const MAX_TEXT = 65_536;
/** Entries of one list, keys of one map. */
export const MAX_ENTRIES = 1_024;
/** Longer ones do not fit the timers of the runtime (2³¹ milliseconds). */
export const MAX_DURATION_DAYS = 24;

/**
 * What Freshet's services do whether somebody asks or not: lists made ahead, and events that wait to be told or counted. A
 * statement that a client waits for says which field it is for.
 */
export const isBackground = (sql: string): boolean => /\/\*.*\bservice='/.test(sql) && !/\bfield='/.test(sql)

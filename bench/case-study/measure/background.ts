/** What Freshet's services do whether somebody asks or not: lists made ahead, and events that wait to be told or counted. */
const BACKGROUND =
  /^\s*(insert into (trending|category_top|category_stats|refreshes)|delete from (trending|category_)|update refreshes|select md5)|\b(outbox|inbox|pg_try_advisory|refreshed_at|product_stats_hourly)\b/i

export const isBackground = (sql: string): boolean => BACKGROUND.test(sql)

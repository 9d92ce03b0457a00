/** Where an audit makes its copies: never a part of what is audited. */
export const scratchPrefix = 'freshet_audit_'

/** The condition on `pg_class c` and `pg_namespace n` for what people have made: no catalogs, and nothing of an extension. */
export const madeByPeople = `n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
  and n.nspname not like '${scratchPrefix}%'
  and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')`

/** The same, without those whose oids are the first parameter: what is locked can't be looked at. */
export const lookedAt = `${madeByPeople} and c.oid <> all ($1::oid[])`

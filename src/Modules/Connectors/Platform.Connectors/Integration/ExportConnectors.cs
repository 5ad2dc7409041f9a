using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Persistence;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Integration;

internal sealed class ExportConnectorsHandler(ConnectorsDbContext db, ICurrentCaller caller) : IRequestHandler<ExportConnectorsQuery, JsonElement>
{
    public async Task<JsonElement> Handle(ExportConnectorsQuery request, CancellationToken cancellationToken)
    {
        var json = await db.Database.SqlQuery<string>(
            $"""
            select jsonb_build_object(
                'connectors', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from (
                    select id, name, type, config, credentials_set, status, status_reason, last_sync, schedule, time_zone, created_at,
                      updated_at
                    from connectors.connectors where user_id = {caller.UserId}) as row),
                'connector_events', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from connectors.connector_events as row where row.user_id = {caller.UserId}),
                'connector_streams', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from connectors.connector_streams as row where row.user_id = {caller.UserId}),
                'sync_runs', (
                  select coalesce(jsonb_agg(to_jsonb(row) - array['lease_until', 'fence', 'available_at'] order by row.id), '[]')
                  from connectors.sync_runs as row where row.user_id = {caller.UserId}),
                'oauth_grants', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.connector_id), '[]')
                  from (
                    select connector_id, status, scope, authorized_at, issued_at, expires_at
                    from connectors.oauth_grants where user_id = {caller.UserId}) as row),
                'uploads', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from connectors.uploads as row where row.user_id = {caller.UserId}))::text as "Value"
            """).ToListAsync(cancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(json[0]);
    }
}

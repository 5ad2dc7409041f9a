using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Contracts.Queries;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Integration;

internal sealed class ExportDashboardsHandler(DashboardsDbContext db, ICurrentCaller caller) : IRequestHandler<ExportDashboardsQuery, JsonElement>
{
    public async Task<JsonElement> Handle(ExportDashboardsQuery request, CancellationToken cancellationToken)
    {
        var json = await db.Database.SqlQuery<string>(
            $"""
            select jsonb_build_object(
                'dashboards', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.dashboards as row where row.user_id = {caller.UserId}),
                'widgets', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.widgets as row where row.user_id = {caller.UserId}),
                'dashboard_versions', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.dashboard_versions as row where row.user_id = {caller.UserId}),
                'share_links', (
                  select coalesce(jsonb_agg(to_jsonb(row) - array['token_hash', 'password_hash'] order by row.id), '[]')
                  from dashboards.share_links as row where row.user_id = {caller.UserId}),
                'alerts', (
                  select coalesce(jsonb_agg(to_jsonb(row) - 'webhook_secret_sealed' order by row.id), '[]')
                  from dashboards.alerts as row where row.user_id = {caller.UserId}),
                'alert_history', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.alert_history as row where row.user_id = {caller.UserId}),
                'alert_deliveries', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.alert_deliveries as row where row.user_id = {caller.UserId}),
                'subscriptions', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.subscriptions as row where row.user_id = {caller.UserId}),
                'subscription_runs', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from dashboards.subscription_runs as row where row.user_id = {caller.UserId}))::text as "Value"
            """).ToListAsync(cancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(json[0]);
    }
}

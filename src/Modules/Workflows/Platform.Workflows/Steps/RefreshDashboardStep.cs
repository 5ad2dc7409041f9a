using System.Text.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Dashboards.Contracts.Queries;
using Platform.SharedKernel.Infrastructure.Json;

namespace Platform.Workflows.Steps;

/// <summary>Reads the data of a dashboard's widgets anew. A widget that fails does not fail the step; its output says so.</summary>
internal sealed class RefreshDashboardStep : IStepType
{
    public string Type => "refresh_dashboard";

    public string Title => "Refresh a dashboard";

    public bool IsPure => false;

    public bool OnlyReads(StepContext context) => true;

    public IReadOnlyList<StepMember> Members { get; } = [new("dashboard_id", "string", "The dashboard.", IsRequired: true)];

    public JsonObject Example => new() { ["dashboard_id"] = "{{ vars.dashboard_id }}" };

    public async Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Guid.TryParse(context.Text("dashboard_id"), out var dashboardId)
            ? new StepResult.Completed(JsonSerializer.SerializeToNode(
                await context.Services.GetRequiredService<IMediator>().Send(new RefreshDashboardQuery(dashboardId), cancellationToken),
                PlatformJson.Options))
            : new StepResult.Failed("step_input_invalid", "dashboard_id is not the id of a dashboard.");
}

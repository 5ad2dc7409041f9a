using System.Text.Json;
using Platform.SharedKernel.Paging;
using Platform.Workflows.Domain;

namespace Platform.Workflows.Features.Workflows;

internal sealed record WorkflowResponse(
    Guid Id,
    string Name,
    string? Description,
    JsonElement Steps,
    JsonElement Config,
    string Status,
    int? PublishedVersion,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt) : VersionedResponse
{
    public static WorkflowResponse From(Workflow workflow, RowVersion? version) =>
        new(
            workflow.Id, workflow.Name, workflow.Description, workflow.Steps, workflow.Config, workflow.Status, workflow.PublishedVersion,
            workflow.CreatedAt, workflow.UpdatedAt)
        { Version = version };
}

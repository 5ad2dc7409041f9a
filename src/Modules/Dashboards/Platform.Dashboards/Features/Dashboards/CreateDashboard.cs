using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class CreateDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/", HandleAsync).WithName("CreateDashboard").WithSummary("Create a dashboard");

    private static async Task<Created<DashboardResponse>> HandleAsync(
        CreateDashboardCommand command, IMediator mediator, CancellationToken cancellationToken)
    {
        var response = await mediator.Send(command, cancellationToken);
        return TypedResults.Created($"/api/v1/dashboards/{response.Id}", response);
    }
}

internal sealed record CreateDashboardCommand(
    string Name, string? Description = null, JsonElement? Layout = null, JsonElement? Config = null, bool IsPublic = false,
    IReadOnlyList<string>? Tags = null)
    : ICommand<DashboardResponse>;

internal sealed class CreateDashboardValidator : AbstractValidator<CreateDashboardCommand>
{
    public CreateDashboardValidator()
    {
        RuleFor(command => command.Name).NotEmpty().MaximumLength(Dashboard.MaxNameLength);
        RuleFor(command => command.Description).MaximumLength(Dashboard.MaxDescriptionLength);
        RuleFor(command => command.Layout).Document();
        RuleFor(command => command.Config).Document();
        RuleFor(command => command.Config).DashboardConfig();
        RuleFor(command => command.Tags).Tags();
    }
}

internal sealed class CreateDashboardHandler(DashboardsDbContext db, ICurrentCaller caller, TimeProvider clock)
    : IRequestHandler<CreateDashboardCommand, DashboardResponse>
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public Task<DashboardResponse> Handle(CreateDashboardCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var dashboard = Dashboard.Create(
            caller.UserId, request.Name, request.Description, request.Layout ?? Empty, request.Config ?? Empty, request.IsPublic, now);
        dashboard.Tag(request.Tags ?? [], now);
        db.Dashboards.Add(dashboard);
        return Task.FromResult(DashboardResponse.From(dashboard, db.VersionOf(dashboard)));
    }
}

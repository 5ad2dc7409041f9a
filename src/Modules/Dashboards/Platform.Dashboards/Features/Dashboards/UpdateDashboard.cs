using System.Text.Json;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Grants;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Json;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Dashboards;

internal sealed class UpdateDashboardEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPatch("/{id:guid}", HandleAsync).WithName("UpdateDashboard").WithSummary("Change a dashboard with a JSON merge patch");

    private static async Task<Ok<DashboardResponse>> HandleAsync(
        Guid id, UpdateDashboardBody body, IMediator mediator, CancellationToken cancellationToken) =>
        TypedResults.Ok(await mediator.Send(new UpdateDashboardCommand(id, body), cancellationToken));
}

internal sealed record UpdateDashboardBody
{
    public Optional<string> Name { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<JsonElement?> Layout { get; init; }

    public Optional<JsonElement?> Config { get; init; }

    public Optional<bool> IsPublic { get; init; }

    public Optional<IReadOnlyList<string>?> Tags { get; init; }
}

internal sealed record UpdateDashboardCommand(Guid Id, UpdateDashboardBody Body) : ICommand<DashboardResponse>;

internal sealed class UpdateDashboardValidator : AbstractValidator<UpdateDashboardCommand>
{
    public UpdateDashboardValidator()
    {
        RuleFor(command => command.Body.Name.Value).NotEmpty().MaximumLength(Dashboard.MaxNameLength)
            .When(command => command.Body.Name.IsSet);
        RuleFor(command => command.Body.Description.Value).MaximumLength(Dashboard.MaxDescriptionLength)
            .When(command => command.Body.Description.IsSet);
        When(command => command.Body.Tags.IsSet, () => RuleFor(command => command.Body.Tags.Value).Tags());
        When(command => command.Body.Layout.IsSet, () => RuleFor(command => command.Body.Layout.Value).Document());
        When(command => command.Body.Config.IsSet, () => RuleFor(command => command.Body.Config.Value).Document());
    }
}

internal sealed class UpdateDashboardHandler(DashboardsDbContext db, DashboardAccess access, TimeProvider clock)
    : IRequestHandler<UpdateDashboardCommand, DashboardResponse>
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });
    private static readonly MergedConfigValidator ConfigRules = new();

    public async Task<DashboardResponse> Handle(UpdateDashboardCommand request, CancellationToken cancellationToken)
    {
        var dashboard = await db.Dashboards.Include(dashboard => dashboard.Widgets)
            .SingleOrDefaultAsync(dashboard => dashboard.Id == request.Id, cancellationToken)
            ?? throw new NotFoundException("dashboard_not_found", "There is no such dashboard.");
        await access.RequireEditAsync(dashboard, cancellationToken);
        Apply(dashboard, request.Body, clock.GetUtcNow());
        return DashboardResponse.From(dashboard, db.VersionOf(dashboard));
    }

    private static void Apply(Dashboard dashboard, UpdateDashboardBody body, DateTimeOffset now)
    {
        if (body.Name.IsSet)
        {
            dashboard.Rename(body.Name.Value, now);
        }

        if (body.Description.IsSet)
        {
            dashboard.Describe(body.Description.Value, now);
        }

        if (body.Layout.IsSet)
        {
            dashboard.Arrange(body.Layout.Value is { } layout ? MergePatch.Apply(dashboard.Layout, layout) : Empty, now);
        }

        if (body.Config.IsSet)
        {
            var merged = body.Config.Value is { } config ? MergePatch.Apply(dashboard.Config, config) : Empty;
            ConfigRules.ValidateAndThrow(new MergedConfig(merged));
            dashboard.Configure(merged, now);
        }

        if (body.IsPublic.IsSet)
        {
            dashboard.SetPublic(body.IsPublic.Value, now);
        }

        if (body.Tags.IsSet)
        {
            dashboard.Tag(body.Tags.Value ?? [], now);
        }
    }
}

/// <summary>A patch is valid if what it makes is valid.</summary>
internal sealed record MergedConfig(JsonElement? Config);

internal sealed class MergedConfigValidator : AbstractValidator<MergedConfig>
{
    public MergedConfigValidator() => RuleFor(merged => merged.Config).DashboardConfig();
}

using Hangfire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.Workflows.Contracts.Commands;
using Platform.Workflows.Definitions;
using Platform.Workflows.Engine;
using Platform.Workflows.Features.Admin;
using Platform.Workflows.Features.Executions;
using Platform.Workflows.Features.Hooks;
using Platform.Workflows.Features.StepTypes;
using Platform.Workflows.Features.Triggers;
using Platform.Workflows.Features.Workflows;
using Platform.Workflows.Firing;
using Platform.Workflows.Hooks;
using Platform.Workflows.Jobs;
using Platform.Workflows.Persistence;
using Platform.Workflows.Steps;
using Platform.Workflows.Trials;

namespace Platform.Workflows;

/// <summary>Durable workflows: definitions, published versions, and executions that survive the process.</summary>
public sealed class WorkflowsModule : IModule
{
    internal const string Schema = "workflows";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        services
            .AddModule<WorkflowsDbContext>(contracts: typeof(StartExecutionCommand).Assembly)
            .AddModuleOptions<EngineOptions>(EngineOptions.SectionName)
            .AddSingleton<DefinitionValidator>()
            .AddScoped<ExecutionStarts>()
            .AddScoped<EventFiring>()
            .AddSingleton<TriggerClock>()
            .AddSingleton<StepRunner>()
            .AddSingleton<Trial>()
            .AddSingleton<VersionCache>()
            .AddSingleton<EngineSlots>()
            .AddSingleton<ExecutionEnds>()
            .AddSingleton<HookDirectory>()
            .AddSingleton<HookIntake>()
            .AddSingleton<HookWaits>()
            .AddSingleton<IQueueProcess, WorkflowEngine>()
            .AddSingleton(ExecutionQueue.Queue)
            .AddSingleton<StepTypes>()
            .AddSingleton<IStepType, TransformStep>()
            .AddSingleton<IStepType, ConditionStep>()
            .AddSingleton<IStepType, ConnectorQueryStep>()
            .AddSingleton<IStepType, HttpRequestStep>()
            .AddSingleton<IStepType, CreateArtifactStep>()
            .AddSingleton<IStepType, DelayStep>()
            .AddSingleton<IStepType, WaitForSignalStep>()
            .AddSingleton<IStepType, ApprovalStep>()
            .AddSingleton<IStepType, SubWorkflowStep>()
            .AddSingleton<IStepType, ConnectorSyncStep>()
            .AddSingleton<IStepType, RefreshDashboardStep>()
            .AddSingleton<IStepType, SendEmailStep>()
            .AddSingleton<IStepType, EmitEventStep>()
            .AddSingleton<IStepType, AiPromptStep>()
            .AddSingleton<IStepType, FailStep>();

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapGroup("/api/v1/workflow-step-types").WithTags("Workflows").RequireAuthorization().WithResourceFilters()
            .Map<ListStepTypesEndpoint>();
        routes.MapGroup("/api/v1/workflow-definition-schema").WithTags("Workflows").RequireAuthorization().WithResourceFilters()
            .Map<GetDefinitionSchemaEndpoint>();
        routes.MapGroup("/api/v1/workflows").WithTags("Workflows").RequireAuthorization().WithResourceFilters()
            .Map<CreateWorkflowEndpoint>()
            .Map<ListWorkflowsEndpoint>()
            .Map<GetWorkflowEndpoint>()
            .Map<UpdateWorkflowEndpoint>()
            .Map<DeleteWorkflowEndpoint>()
            .Map<ValidateWorkflowEndpoint>()
            .Map<PublishWorkflowEndpoint>()
            .Map<PauseWorkflowEndpoint>()
            .Map<ResumeWorkflowEndpoint>()
            .Map<ListWorkflowVersionsEndpoint>()
            .Map<DiffWorkflowVersionsEndpoint>()
            .Map<RestoreWorkflowVersionEndpoint>()
            .Map<ExportWorkflowEndpoint>()
            .Map<ImportWorkflowEndpoint>()
            .Map<StartExecutionEndpoint>()
            .Map<ListExecutionsEndpoint>()
            .Map<RetryFailedExecutionsEndpoint>()
            .Map<TestStepEndpoint>()
            .Map<DryRunWorkflowEndpoint>()
            .Map<CreateTriggerEndpoint>()
            .Map<ListTriggersEndpoint>();
        routes.MapGroup("/api/v1/triggers").WithTags("Workflows").RequireAuthorization().WithResourceFilters()
            .Map<UpdateTriggerEndpoint>()
            .Map<DeleteTriggerEndpoint>();
        routes.MapGroup("/api/v1/hooks").WithTags("Workflows")
            .Map<ReceiveHookEndpoint>();
        routes.MapGroup("/api/v1/executions").WithTags("Workflows").RequireAuthorization().WithResourceFilters()
            .Map<GetExecutionEndpoint>()
            .Map<GetExecutionStepEndpoint>()
            .Map<WatchExecutionEndpoint>()
            .Map<CancelExecutionEndpoint>()
            .Map<RetryExecutionEndpoint>()
            .Map<SignalExecutionEndpoint>()
            .Map<DecideApprovalEndpoint>();
        routes.MapGroup("/api/v1/admin/executions").WithTags("Admin").RequireAuthorization(KernelServices.StaffPolicy).WithResourceFilters()
            .Map<FindExecutionsEndpoint>()
            .Map<RequeueExecutionEndpoint>()
            .Map<StopExecutionEndpoint>();
    }

    /// <inheritdoc/>
    public void ScheduleJobs(IRecurringJobManager jobs) => DeleteOldExecutionsJob.Schedule(jobs);
}

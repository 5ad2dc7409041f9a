using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Platform.Chat.Contracts.Events;
using Platform.Chat.Features.Catalogue;
using Platform.Chat.Features.Messages;
using Platform.Chat.Features.Sessions;
using Platform.Chat.Generation;
using Platform.Chat.Jobs;
using Platform.Chat.Persistence;
using Platform.Chat.Providers;
using Platform.Chat.Tools;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Chat;

/// <summary>Conversations with a model that can use the person's data: sessions, messages, generation and tools.</summary>
public sealed class ChatModule : IModule
{
    internal const string Schema = "chat";

    /// <inheritdoc/>
    public string Name => Schema;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration) =>
        services
            .AddModule<ChatDbContext>(contracts: typeof(ChatSessionDeletedIntegrationEvent).Assembly)
            .AddModuleOptions<ChatOptions>(ChatOptions.SectionName)
            .AddSingleton<IPump, ChatPump>()
            .AddSingleton(new OperatorQueue("chat", "Answers", Schema, []))
            .AddTransient<GenerationRun>()
            .AddTransient<TurnReader>()
            .AddTransient<ToolRunner>()
            .AddSingleton<ChatModels>()
            .AddSingleton<ChatTools>()
            .AddSingleton<IChatTool, ListConnectorsTool>()
            .AddSingleton<IChatTool, DescribeConnectorTool>()
            .AddSingleton<IChatTool, RunQueryTool>()
            .AddSingleton<IChatTool, CreateChartTool>()
            .AddSingleton<IChatTool, SaveTableTool>()
            .AddSingleton<IChatTool, PinArtifactTool>()
            .AddSingleton<IChatTool, RunWorkflowTool>();

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) =>
        routes.MapGroup("/api/v1/chat").WithTags("Chat").RequireAuthorization().WithResourceFilters()
            .Map<CreateSessionEndpoint>()
            .Map<ListSessionsEndpoint>()
            .Map<GetSessionEndpoint>()
            .Map<UpdateSessionEndpoint>()
            .Map<DeleteSessionEndpoint>()
            .Map<ListMessagesEndpoint>()
            .Map<SendMessageEndpoint>()
            .Map<GetMessageEndpoint>()
            .Map<WatchMessageEndpoint>()
            .Map<StopMessageEndpoint>()
            .Map<DecideToolCallEndpoint>()
            .Map<ListModelsEndpoint>()
            .Map<ListToolsEndpoint>();
}

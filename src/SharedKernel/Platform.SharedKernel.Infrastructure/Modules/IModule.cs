using Hangfire;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.SharedKernel.Infrastructure.Modules;

/// <summary>One business area: what the Host needs of it. The class reads as the module's table of contents.</summary>
public interface IModule
{
    /// <summary>The schema's name, which is the module's name everywhere.</summary>
    string Name { get; }

    /// <summary>Registers the module's services.</summary>
    /// <param name="services">The Host's services.</param>
    /// <param name="configuration">The Host's configuration; not to be kept.</param>
    void AddServices(IServiceCollection services, IConfiguration configuration);

    /// <summary>Maps the module's routes.</summary>
    /// <param name="routes">The Host's routes.</param>
    void MapEndpoints(IEndpointRouteBuilder routes);

    /// <summary>Adds or updates the module's recurring jobs.</summary>
    /// <param name="jobs">Hangfire's recurring jobs.</param>
    void ScheduleJobs(IRecurringJobManager jobs)
    {
    }
}

/// <summary>A use case's HTTP door.</summary>
public interface IEndpoint
{
    /// <summary>Maps the route on the module's group.</summary>
    /// <param name="routes">The module's group.</param>
    static abstract void Map(IEndpointRouteBuilder routes);
}

/// <summary>A verb of the Host's command line, for example <c>migrate</c>. Runs instead of the web server.</summary>
public interface IHostVerb
{
    /// <summary>The first argument that chooses it.</summary>
    string Name { get; }

    /// <summary>Runs it.</summary>
    /// <param name="arguments">The arguments after the verb.</param>
    /// <param name="cancellationToken">Cancelled by SIGINT and SIGTERM.</param>
    /// <returns>The exit code: 0 for success.</returns>
    Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken);
}

/// <summary>Maps endpoints in a chain.</summary>
public static class EndpointExtensions
{
    /// <summary>Maps one endpoint.</summary>
    /// <typeparam name="TEndpoint">The endpoint.</typeparam>
    /// <param name="routes">The group.</param>
    /// <returns>The group.</returns>
    public static IEndpointRouteBuilder Map<TEndpoint>(this IEndpointRouteBuilder routes)
        where TEndpoint : IEndpoint
    {
        TEndpoint.Map(routes);
        return routes;
    }
}

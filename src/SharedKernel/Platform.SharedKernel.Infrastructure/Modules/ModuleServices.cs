using System.Reflection;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Events;

namespace Platform.SharedKernel.Infrastructure.Modules;

/// <summary>Registers what a module is made of.</summary>
public static class ModuleServices
{
    /// <summary>Registers the module's context, and its handlers, reactions and validators, which are found by scanning.</summary>
    /// <typeparam name="TContext">The module's context; its assembly is the module.</typeparam>
    /// <param name="services">The Host's services.</param>
    /// <param name="contracts">The module's Contracts assembly.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddModule<TContext>(this IServiceCollection services, Assembly contracts)
        where TContext : ModuleDbContext
    {
        var implementation = typeof(TContext).Assembly;
        services.AddSingleton(new ModuleRegistration(typeof(TContext), implementation, contracts));
        services.AddSingleton<ModuleContextPool<TContext>>();
        services.AddScoped(provider => provider.GetRequiredService<DbSession>().Lease<TContext>());
        foreach (var (contract, handler) in ModuleTypes.Implementing(typeof(IRequestHandler<,>), implementation))
        {
            services.AddTransient(contract, handler);
        }

        foreach (var validator in new AssemblyScanner(ModuleTypes.Of(implementation)))
        {
            services.AddSingleton(validator.InterfaceType, validator.ValidatorType);
        }

        foreach (var reaction in ReactionDescriptor.In(implementation))
        {
            services.AddTransient(reaction.HandlerType);
            services.AddSingleton(reaction);
        }

        EventNames.Register(contracts);
        EventNames.Register(implementation);
        return services;
    }

    /// <summary>Registers a module's options, validated at start.</summary>
    /// <typeparam name="TOptions">The options class.</typeparam>
    /// <param name="services">The Host's services.</param>
    /// <param name="sectionName">The configuration section.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddModuleOptions<TOptions>(this IServiceCollection services, string sectionName)
        where TOptions : class
    {
        services.AddOptions<TOptions>().BindConfiguration(sectionName).ValidateDataAnnotations().ValidateOnStart();
        return services;
    }
}
